/** Turns what node:fs throws into the WASI errno of the same name. */
import { wasi } from '@bjorn3/browser_wasi_shim';

/** A refusal of our own, on its way to the guest. */
export class ErrnoError extends Error {
  readonly errno: number;
  constructor(errno: number) {
    super(`WASI errno ${errno}`);
    this.errno = errno;
  }
}

const ERRNO_OF_CODE: Readonly<Record<string, number>> = {
  EACCES: wasi.ERRNO_ACCES,
  EAGAIN: wasi.ERRNO_AGAIN,
  EBADF: wasi.ERRNO_BADF,
  EBUSY: wasi.ERRNO_BUSY,
  EDQUOT: wasi.ERRNO_DQUOT,
  EEXIST: wasi.ERRNO_EXIST,
  EFBIG: wasi.ERRNO_FBIG,
  EINTR: wasi.ERRNO_INTR,
  EINVAL: wasi.ERRNO_INVAL,
  EISDIR: wasi.ERRNO_ISDIR,
  ELOOP: wasi.ERRNO_LOOP,
  EMFILE: wasi.ERRNO_MFILE,
  EMLINK: wasi.ERRNO_MLINK,
  ENAMETOOLONG: wasi.ERRNO_NAMETOOLONG,
  ENFILE: wasi.ERRNO_NFILE,
  ENOENT: wasi.ERRNO_NOENT,
  ENOMEM: wasi.ERRNO_NOMEM,
  ENOSPC: wasi.ERRNO_NOSPC,
  ENOTDIR: wasi.ERRNO_NOTDIR,
  ENOTEMPTY: wasi.ERRNO_NOTEMPTY,
  ENOTSUP: wasi.ERRNO_NOTSUP,
  ENXIO: wasi.ERRNO_NXIO,
  EOPNOTSUPP: wasi.ERRNO_NOTSUP,
  EPERM: wasi.ERRNO_PERM,
  EROFS: wasi.ERRNO_ROFS,
  ESPIPE: wasi.ERRNO_SPIPE,
  ETXTBSY: wasi.ERRNO_TXTBSY,
  EXDEV: wasi.ERRNO_XDEV,
  // Node's own refusals of an argument: a NUL in a path, a number out of range.
  ERR_INVALID_ARG_VALUE: wasi.ERRNO_INVAL,
  ERR_OUT_OF_RANGE: wasi.ERRNO_INVAL,
  ERR_FS_FILE_TOO_LARGE: wasi.ERRNO_FBIG,
};

/** The errno of anything thrown: IO where there is no better one. */
export function errnoOf(error: unknown): number {
  if (error instanceof ErrnoError) return error.errno;
  const code = codeOf(error);
  return (code === undefined ? undefined : ERRNO_OF_CODE[code]) ?? wasi.ERRNO_IO;
}

/** `ENOENT` and the like. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Runs a file operation; 0, or the errno of what it threw. */
export function errnoFrom(operation: () => void): number {
  try {
    operation();
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}
