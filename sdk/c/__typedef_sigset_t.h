/** A set of signals, in place of wasi-libc's placeholder of one byte: bit n - 1 is signal n. */
#ifndef __wasilibc___typedef_sigset_t_h
#define __wasilibc___typedef_sigset_t_h

typedef struct {
  unsigned long long __bits;
} sigset_t;

#endif
