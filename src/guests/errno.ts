/** The WASI preview 1 error numbers that wirq's own interfaces answer with (wasi_snapshot_preview1.witx, `errno`). */

export const SUCCESS = 0;
export const EINVAL = 28;
