/// \file each.h
/// Independent pieces of work shared among threads that are made for them and end with them. Unlike the threads of OpenMP,
/// which steps use, they never spin while they wait, so that short commands need not start twice to be told how
/// (art_start_wait_politely). A start takes some 20 microseconds a thread: not for what happens in every step.
#ifndef ART_CORE_PAR_EACH_H
#define ART_CORE_PAR_EACH_H
#include <stdint.h>

/// Does piece `index`. `thread`, from 0 on, is of one thread at a time: what is addressed by it needs no lock.
typedef void (*art_each_work)(void *context, int thread, int32_t index);

/// All pieces from 0 to count - 1, `batch` in a row at a time, on up to `threads` threads; returns when they are done. Which
/// thread does which is left to chance, so results must not depend on it. The calling thread is number 0 and does its
/// share; if others cannot be had it does everything.
void art_each(int threads, int32_t count, int32_t batch, art_each_work work, void *context);

#endif  // ART_CORE_PAR_EACH_H
