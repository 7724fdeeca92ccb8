/** Brackets, branches of `if`, and operands of `not`, `-`, `^` and `implies` may nest this deep. */
export const MAX_NESTING = 500;

/**
 * Levels of a syntax tree, sums of many terms (which grow to the left) included. Every later pass may recurse over a
 * tree of this depth on the default stack of Node.
 */
export const MAX_TREE_DEPTH = 1500;

/** Brackets that a text may leave open before it is refused unread: far beyond any program, and within memory. */
export const MAX_OPEN_BRACKETS = 100_000;

export const tooDeepMessage = `nested more than ${MAX_NESTING} levels deep; give inner parts names of their own`;
export const tooLongMessage = `an expression of more than ${MAX_TREE_DEPTH} levels; split this chain of operators over several names`;
