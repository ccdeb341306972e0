#include "core/net/vclass.h"

#include <string.h>

static const char *const names[] = {
#define X(name, text) text,
  ART_VCLASS_LIST(X)
#undef X
};

int art_vclass_find(const char *name)
{
  for (int i = 0; i < ART_VCLASS_COUNT; ++i)
    if (strcmp(name, names[i]) == 0) return i;
  return -1;
}

const char *art_vclass_name(int vclass)
{
  return vclass >= 0 && vclass < ART_VCLASS_COUNT ? names[vclass] : "unknown";
}
