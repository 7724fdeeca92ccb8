import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { html, raw, type Content, type Html } from './html.ts';

export { Plot };

/** Width of a plot that stands beside another one, px: what a column of the page has on a wide screen. */
export const WIDTH = 520;

/** A plot as SVG text. Colours are CSS values, so that it follows the colour scheme of the page. */
export function svgOf(options: Plot.PlotOptions): Html {
  const { document } = parseHTML('<html><body></body></html>');
  const element = Plot.plot({
    ...{ width: WIDTH, marginLeft: 56, marginBottom: 40, marginTop: 28 },
    ...options,
    document: document as never,
    style: { background: 'none', fontSize: '12px' },
  });
  return raw(element.outerHTML);
}

export interface TableData {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  /** Columns of text, from 0: they start at the left, as the first column always does. */
  readonly text?: readonly number[];
}

/** A table in a region that scrolls by keyboard; the first cell of a row is its heading. */
export function tableHtml({ caption, head, rows, text = [] }: TableData): Html {
  const kind = (i: number): string => (text.includes(i) ? 'text' : 'number');
  const cells = (row: readonly Content[]): Html => {
    return html`<tr>
      <th scope="row">${row[0]}</th>
      ${row.slice(1).map((c, i) => html`<td class="${kind(i + 1)}">${c}</td>`)}
    </tr>`;
  };
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((h, i) => html`<th scope="col" class="${kind(i)}">${h}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(cells)}
      </tbody>
    </table>
  </div>`;
}

/** A part of a page that is closed until it is asked for. */
export const foldHtml = (summary: string, body: Content): Html =>
  html`<details>
    <summary>${summary}</summary>
    ${body}
  </details>`;

/** A plot with what it shows in words, and its numbers as a table for who cannot see it. */
export function figureHtml(caption: string, plot: Plot.PlotOptions, data: TableData): Html {
  return html`<figure>
    <figcaption>${caption}</figcaption>
    <div role="img" aria-label="${caption}">${svgOf(plot)}</div>
    ${foldHtml('The numbers', tableHtml(data))}
  </figure>`;
}

/** Names of series beside their colours. */
export function legendHtml(entries: readonly { readonly name: string; readonly colour: string }[]): Html {
  return html`<ul class="legend">
    ${entries.map((e) => html`<li><span style="background:${e.colour}"></span>${e.name}</li>`)}
  </ul>`;
}
