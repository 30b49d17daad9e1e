/** The WASI preview 1 error numbers that wirq's own interfaces answer with (wasi_snapshot_preview1.witx, `errno`). */

export const SUCCESS = 0;
export const EAGAIN = 6;
export const EFAULT = 21;
export const EINTR = 27;
export const EINVAL = 28;
export const ENOMEM = 48;
export const EPERM = 63;
export const ESRCH = 71;
