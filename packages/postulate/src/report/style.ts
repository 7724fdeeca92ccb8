/** The look of a report: system fonts, both colour schemes, print. Series colours have contrast of at least 3 in each. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fdfdfc; --fg: #1b1f24; --dim: #59636e; --line: #d5d9de; --card: #f3f4f5;
  --good: #1a7f37; --bad: #b3261e; --c0: #0b62b8; --c1: #b4470c; --c2: #1a7f37; --c3: #8430ce; --c4: #a3195b; --c5: #0e7c86; --c6: #6b5d00; --c7: #59636e; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e6e9ec; --dim: #9aa4af; --line: #363d45; --card: #1d2226;
  --good: #57c878; --bad: #ff8a80; --c0: #6cb2ff; --c1: #ff9a5c; --c2: #57c878; --c3: #c79bff; --c4: #ff86b8; --c5: #4fd0dc; --c6: #dcc74a; --c7: #9aa4af; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1.25rem 4rem; background: var(--bg); color: var(--fg);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; } p { margin: .4rem 0; max-width: 46rem; } .dim { color: var(--dim); }
a { color: var(--c0); } a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--c0); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--bg); padding: .5rem; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .875rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow-x: auto; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; margin: .5rem 0; }
caption { text-align: left; color: var(--dim); padding: .25rem 0; } th, td { padding: .25rem .75rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; } td.text { white-space: pre-wrap; word-break: break-word; min-width: 20rem; } thead th { color: var(--dim); font-weight: 600; }
.ok { color: var(--good); } .warn { color: var(--bad); } ul.verdicts { padding-left: 1.1rem; }
figure { margin: .75rem 0 1.25rem; } figcaption { color: var(--dim); font-size: .9rem; max-width: 46rem; margin-bottom: .35rem; } figure svg { max-width: 100%; height: auto; background: var(--bg); overflow: visible; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 1.5rem; } details > summary { cursor: pointer; color: var(--dim); font-size: .9rem; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .25rem 0; font-size: .9rem; } .legend span { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
ul.tree, ul.tree ul { list-style: none; padding-left: 1.1rem; border-left: 1px solid var(--line); margin: 0; } ul.tree { padding-left: .25rem; border: 0; } .dead { color: var(--dim); text-decoration: line-through; }
@media print { nav, .skip { display: none; } details { display: block; } }
`;

const COLOURS = 8;

/** The colour of series number `i`, as a CSS value. */
export const colour = (i: number): string => `var(--c${i % COLOURS})`;
