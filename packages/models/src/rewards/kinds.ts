/** What a head's outputs stand for. */
export type RewardKind = 'bt' | 'label' | 'gaussian' | 'dpl' | 'beta' | 'categorical';

export const REWARD_KINDS: readonly RewardKind[] = ['bt', 'label', 'gaussian', 'dpl', 'beta', 'categorical'];

/** One thing learned from; texts are indices into the list of all texts. */
export type Example =
  /** `chosen` was preferred to `rejected`. */
  | { readonly kind: 'pair'; readonly chosen: number; readonly rejected: number }
  | { readonly kind: 'label'; readonly text: number; readonly label: number }
  | { readonly kind: 'rating'; readonly text: number; readonly rating: number }
  /** `approvals` of `of` raters approved. */
  | { readonly kind: 'approvals'; readonly text: number; readonly approvals: number; readonly of: number };

export type ExampleKind = Example['kind'];

/** The examples that each kind of head learns from. */
export const EXAMPLES_OF: Readonly<Record<RewardKind, ExampleKind>> = {
  bt: 'pair',
  dpl: 'pair',
  categorical: 'pair',
  label: 'label',
  gaussian: 'rating',
  beta: 'approvals',
};

/** Outputs of a head: one row a text. */
export function outputsOf(kind: RewardKind, { labels = 0, atoms = 10 }: HeadSizes = {}): number {
  switch (kind) {
    case 'bt':
      return 1;
    case 'label':
      return labels;
    case 'categorical':
      return atoms;
    default:
      return 2;
  }
}

export interface HeadSizes {
  /** Labels of a classifier, at least 2. */
  readonly labels?: number;
  /** Atoms of a categorical distribution over [0, 1]. */
  readonly atoms?: number;
}

export function textsOf(example: Example): readonly number[] {
  return example.kind === 'pair' ? [example.chosen, example.rejected] : [example.text];
}
