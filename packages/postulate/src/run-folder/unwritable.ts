import { fail } from '@postulate/graph';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is not a folder',
};

/** P903 for what the file system refused below `--out`. */
export function unwritable(folder: string, cause: unknown) {
  const error = cause as NodeJS.ErrnoException;
  const reason = REASONS[error.code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
  return fail('P903', `--out ${folder} cannot be written: ${reason}.`, {
    kind: 'outside',
    cause,
    help: 'what is written so far is whole: once there is room, --resume goes on from it',
  });
}

/** Runs what touches the folder; what goes wrong in it is P903. */
export function writing<T>(folder: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'PostError') throw cause;
    throw unwritable(folder, cause);
  }
}
