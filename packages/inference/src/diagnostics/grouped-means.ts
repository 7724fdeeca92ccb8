/** Σ of the terms of each group, in order, with compensation for what rounding drops (Neumaier 1974), for which `lost` is room. */
function groupedSums(group: Int32Array, terms: Float64Array, lost: Float64Array): Float64Array {
  const groups = lost.length;
  const sums = new Float64Array(groups);
  lost.fill(0);
  for (let i = 0; i < terms.length; i++) {
    const g = group[i];
    const x = terms[i];
    const sum = sums[g];
    const next = sum + x;
    lost[g] += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sums[g] = next;
  }
  for (let g = 0; g < groups; g++) sums[g] += lost[g];
  return sums;
}

/**
 * Self-normalised means of columns within groups: entry `g` of a mean is `weightedMean` over the items of `group` g alone,
 * 0 for a group without items. `logWeights` are finite; nats. One pass a column, however many groups there are.
 */
export function groupedMeans(
  group: Int32Array,
  groups: number,
  logWeights: Float64Array,
  columns: readonly Float64Array[],
): readonly Float64Array[] {
  const largest = new Float64Array(groups).fill(-Infinity);
  for (let i = 0; i < group.length; i++) if (logWeights[i] > largest[group[i]]) largest[group[i]] = logWeights[i];
  const weights = new Float64Array(group.length);
  for (let i = 0; i < group.length; i++) weights[i] = Math.exp(logWeights[i] - largest[group[i]]);
  const lost = new Float64Array(groups);
  const totals = groupedSums(group, weights, lost);
  for (let i = 0; i < group.length; i++) weights[i] /= totals[group[i]];
  const terms = new Float64Array(group.length);
  return columns.map((values) => {
    for (let i = 0; i < terms.length; i++) terms[i] = weights[i] > 0 ? weights[i] * values[i] : 0;
    const means = groupedSums(group, terms, lost);
    for (let i = 0; i < terms.length; i++) {
      if (weights[i] > 0 && !Number.isFinite(values[i])) means[group[i]] = -Infinity;
    }
    return means;
  });
}
