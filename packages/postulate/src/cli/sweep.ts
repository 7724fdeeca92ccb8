import { usageError } from './arguments.ts';
import { keyValue, numberOf } from './settings.ts';

export type Setting = Readonly<Record<string, number>>;

/** Most settings of a sweep. */
const MOST = 1000;

/** `--sweep beta=0.1,1 --sweep k=1,2` as every combination of the values; one empty setting without any. */
export function sweepSettings(written: readonly string[], set: Setting): readonly Setting[] {
  let settings: readonly Setting[] = [{}];
  const seen = new Set<string>();
  for (const item of written) {
    const [key, list] = keyValue('sweep', item);
    if (seen.has(key)) throw usageError(`--sweep ${key} is given twice.`);
    if (Object.hasOwn(set, key)) throw usageError(`--set ${key} and --sweep ${key} cannot both be given.`);
    seen.add(key);
    const values = list.split(',').map((text) => {
      const value = numberOf(text.trim());
      if (value === undefined) throw usageError(`--sweep ${key} needs numbers; found "${text}".`, 'beta=0.1,1,10');
      return value;
    });
    settings = settings.flatMap((s) => values.map((value) => ({ ...s, [key]: value })));
    if (settings.length > MOST) throw usageError(`the sweep has more than ${MOST} settings.`);
  }
  return settings;
}

/** `beta = 0.1, k = 2`. */
export function settingText(setting: Setting): string {
  return Object.entries(setting)
    .map(([k, v]) => `${k} = ${v}`)
    .join(', ');
}
