const char *const art_gmns_tables[] = { "config", "node", "link", "geometry", "lane", "segment", "segment_lane", "movement", 0 };
extern const char *const art_gmns_tables[];
