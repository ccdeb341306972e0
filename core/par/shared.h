/// \file shared.h
/// Messages between processes of one computer through memory that they share. A message is there as soon as it is written,
/// whatever the sender does next, and whoever waits sleeps until it is woken: no library has to be called for progress, and
/// more processes than cores cost one another nothing by waiting.
#ifndef ART_CORE_PAR_SHARED_H
#define ART_CORE_PAR_SHARED_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/bytes.h"
#include "core/par/group.h"

typedef struct art_shared art_shared;

/// Opens a segment for `size` processes; `place` is that of this one, and the thread that calls is taken for it: when that ends,
/// the process counts as lost. The first creates `name` ("/..." as shm_open wants it),
/// the others open it after that. NULL: there is no such memory, or not enough of it. Messages of one exchange from one
/// process share `bytes`. Does not end up in the file system once art_shared_unlink was called, after all have opened it.
art_shared *art_shared_open(const char *name, int32_t size, int32_t place, size_t bytes, int creates);
void art_shared_unlink(const char *name);
void art_shared_close(art_shared *shared);

/// A process that has no core for itself sleeps at once instead of asking for a while first.
void art_shared_set_crowded(art_shared *shared, int is_crowded);
/// Longer messages go another way.
void art_shared_set_most(art_shared *shared, size_t bytes);

/// Begins the messages of an exchange; each may be up to one exchange ahead of those it sends to.
void art_shared_begin(art_shared *shared);
/// Puts a message for process `to` where that finds it. Returns 0 if it is too long, or there is no room left in this
/// exchange: then it has to go another way, and the receiver is told so.
int art_shared_send(art_shared *shared, int32_t to, const art_bytes *message);
/// Takes the next message of process `from`, if it is there: 1; 0: not yet; -1: it comes another way.
int art_shared_take(art_shared *shared, int32_t from, art_bytes *message);
/// A number that changes whenever something was sent to this process; to be read before looking for it.
uint32_t art_shared_bell(const art_shared *shared);
/// Waits until the bell is another than `bell`: 1; 0: it has not rung for a tenth of a second, so it is time to look whether all
/// are still there.
int art_shared_wait(art_shared *shared, uint32_t bell);
/// A process that has ended without art_shared_close, whatever ended it; -1: none. What it has sent before is whole.
int32_t art_shared_lost(art_shared *shared);

/// Values that art_shared_reduce takes at most.
enum { ART_SHARED_VALUES = 32 };
/// Combines values over all processes of the segment; all get the result. Returns 0 if one of them is lost.
int art_shared_reduce(art_shared *shared, art_reduction how, int32_t count, int64_t *values);

#endif  // ART_CORE_PAR_SHARED_H
