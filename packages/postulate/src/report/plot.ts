import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { html, raw, type Content, type Html } from './html.ts';

export { Plot };

/** A plot as SVG text. Colours are CSS values, so that it follows the colour scheme of the page. */
export function svgOf(options: Plot.PlotOptions): Html {
  const { document } = parseHTML('<html><body></body></html>');
  const element = Plot.plot({ ...options, document: document as never, style: { background: 'none' } });
  return raw(element.outerHTML);
}

export interface TableData {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
}

/** A table in a region that scrolls by keyboard; the first cell of a row is its heading. */
export function tableHtml({ caption, head, rows }: TableData): Html {
  const cells = (row: readonly Content[]): Html => {
    return html`<tr>
      <th scope="row">${row[0]}</th>
      ${row.slice(1).map((c) => html`<td>${c}</td>`)}
    </tr>`;
  };
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((h) => html`<th scope="col">${h}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(cells)}
      </tbody>
    </table>
  </div>`;
}

/** A plot with what it shows in words, and its numbers as a table for who cannot see it. */
export function figureHtml(caption: string, plot: Plot.PlotOptions, data?: TableData): Html {
  const svg = svgOf({ ariaLabel: caption, ...plot });
  const numbers =
    data === undefined
      ? ''
      : html`<details>
          <summary>The numbers</summary>
          ${tableHtml(data)}
        </details>`;
  return html`<figure>
    <figcaption>${caption}</figcaption>
    <div role="img" aria-label="${caption}">${svg}</div>
    ${numbers}
  </figure>`;
}

/** Names of series beside their colours. */
export function legendHtml(entries: readonly { readonly name: string; readonly colour: string }[]): Html {
  return html`<ul class="legend">
    ${entries.map((e) => html`<li><span style="background:${e.colour}"></span>${e.name}</li>`)}
  </ul>`;
}
