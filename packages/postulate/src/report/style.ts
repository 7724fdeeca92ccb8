/** The look of a report: system fonts, both colour schemes, print. Series colours have contrast of at least 3 in each. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fdfdfc; --fg: #1b1f24; --dim: #59636e; --line: #d5d9de; --card: #f3f4f5; --band: #cfd6de;
  --good: #1a7f37; --bad: #b3261e; --c0: #0b62b8; --c1: #b4470c; --c2: #1a7f37; --c3: #8430ce; --c4: #a3195b;
  --c5: #0e7c86; --c6: #6b5d00; --c7: #5b4a9e; --c8: #8a3c2e; --c9: #3f6b00; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e6e9ec; --dim: #9aa4af; --line: #363d45; --card: #1d2226; --band: #3f4953;
  --good: #57c878; --bad: #ff8a80; --c0: #6cb2ff; --c1: #ff9a5c; --c2: #57c878; --c3: #c79bff; --c4: #ff86b8;
  --c5: #4fd0dc; --c6: #dcc74a; --c7: #a9a2ff; --c8: #e8a091; --c9: #a8d860; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 4rem; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; } p { margin: .4rem 0; max-width: 48rem; } .dim { color: var(--dim); }
a { color: var(--c0); } a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--c0); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--bg); padding: .5rem; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .875rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow-x: auto; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; margin: .5rem 0; }
caption { text-align: left; color: var(--dim); padding: .25rem 0; }
th, td { padding: .2rem 1rem .2rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, .text { text-align: left; } td.text { white-space: pre-wrap; overflow-wrap: anywhere; }
tbody th { font-weight: 600; } thead th { color: var(--dim); font-weight: 600; vertical-align: bottom; }
.ok { color: var(--good); font-weight: 600; } .warn { color: var(--bad); } ul.verdicts { padding-left: 1.1rem; margin: .4rem 0; }
figure { margin: .75rem 0 1.25rem; min-width: 0; } figcaption { color: var(--dim); font-size: .9rem; max-width: 48rem; margin-bottom: .35rem; }
figure svg { max-width: 100%; height: auto; overflow: visible; } figure.wide svg { max-width: none; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 0 1.5rem; align-items: end; }
details > summary { cursor: pointer; color: var(--dim); font-size: .9rem; padding: .15rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .25rem 0; font-size: .9rem; }
.legend span { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; } .legend span.dot { border-radius: 50%; }
ul.tree, ul.tree ul { list-style: none; padding-left: 1.1rem; border-left: 1px solid var(--line); margin: 0; } ul.tree { padding-left: .25rem; border: 0; }
.dead { color: var(--dim); text-decoration: line-through; }
@media print { nav, .skip { display: none; } figure, tr { break-inside: avoid; } }
`;

const COLOURS = 10;

/** The colour of series number `i`, as a CSS value. */
export const colour = (i: number): string => `var(--c${i % COLOURS})`;
