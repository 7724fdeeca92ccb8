import type { ReportData } from './data.ts';
import { html, raw } from './html.ts';
import { ancestry } from './sections/ancestry.ts';
import { chains } from './sections/chains.ts';
import { comparison } from './sections/comparison.ts';
import { evidence } from './sections/evidence.ts';
import { expectations } from './sections/expectations.ts';
import { frontier } from './sections/frontier.ts';
import { overview } from './sections/overview.ts';
import { progress } from './sections/progress.ts';
import { samples } from './sections/samples.ts';
import { thresholdCurve } from './sections/threshold-curve.ts';
import { weights } from './sections/weights.ts';
import { STYLE } from './style.ts';

const SECTIONS = [
  overview,
  comparison,
  frontier,
  samples,
  expectations,
  evidence,
  weights,
  progress,
  thresholdCurve,
  chains,
  ancestry,
];

/** A page of its own: styles and drawings are in it, nothing is loaded from anywhere, no script runs. */
export function reportPage(data: ReportData): string {
  const sections = SECTIONS.flatMap((make) => make(data) ?? []);
  const names = data.programs.map((p) => p.name).join(', ');
  const title = `${data.title} · ${names}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <h1>${data.title}</h1>
          <p class="dim">${names} · Postulate ${data.version}</p>
          <nav aria-label="sections">
            <ul>
              ${sections.map((s) => html`<li><a href="#${s.id}">${s.title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="main" tabindex="-1">
          ${sections.map(
            (s) =>
              html`<section id="${s.id}" aria-labelledby="${s.id}-title">
                <h2 id="${s.id}-title">${s.title}</h2>
                ${s.body}
              </section>`,
          )}
        </main>
      </body>
    </html> `;
  return page.html;
}
