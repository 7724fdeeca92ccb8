import { join } from 'node:path';
import { defaultCacheDirectory } from '../cache/array-store.ts';

/** How far a fetch has come. */
export interface FetchProgress {
  readonly file: string;
  /** Bytes of all files so far, those of earlier runs among them. */
  readonly received: number;
  /** Bytes in all, where the hub tells. */
  readonly total: number | undefined;
}

export interface HubOptions {
  /** Default `$XDG_CACHE_HOME/postulate/hub`. */
  readonly cacheDirectory?: string;
  /** Default `HF_ENDPOINT`, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Default `HF_TOKEN`; empty for none. Sent to the endpoint alone. */
  readonly token?: string | undefined;
  /** Fetch nothing. Default `HF_HUB_OFFLINE`. */
  readonly offline?: boolean;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Milliseconds before the first repetition of a failed request; doubled from one to the next. Default 500. */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which a request counts as failed. Default 30,000. */
  readonly patience?: number;
}

export interface HubSettings {
  readonly cacheDirectory: string;
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly offline: boolean;
  readonly retryDelay: number;
  readonly patience: number;
}

/** The options with what the environment and the defaults say where they are silent. */
export function hubSettings(options: HubOptions, environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const set = (name: string): string | undefined => environment[name] || undefined;
  return {
    cacheDirectory: options.cacheDirectory ?? join(defaultCacheDirectory(), 'hub'),
    endpoint: (options.endpoint ?? set('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, ''),
    token: (options.token ?? set('HF_TOKEN')) || undefined,
    offline: options.offline ?? /^(1|on|yes|true)$/i.test(set('HF_HUB_OFFLINE') ?? ''),
    retryDelay: options.retryDelay ?? 500,
    patience: options.patience ?? 30_000,
  };
}
