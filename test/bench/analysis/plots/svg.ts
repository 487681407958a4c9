/** Pieces of SVG as text, and one look for all plots: a card of its own colours, light or dark as the reader has it. */

type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : value}"`)
    .join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export interface TextStyle {
  /** Classes of the style sheet below. */
  readonly look?: string;
  readonly anchor?: "start" | "middle" | "end";
}

export function text(
  x: number,
  y: number,
  words: string,
  { look, anchor }: TextStyle = {},
): string {
  return element("text", { x, y, class: look, "text-anchor": anchor }, escapeText(words));
}

export function line(
  from: readonly [number, number],
  to: readonly [number, number],
  look: string,
): string {
  return element("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: look });
}

const light = {
  card: "#ffffff",
  edge: "#d9dee4",
  ink: "#1f2830",
  soft: "#66717d",
  grid: "#e8ecf0",
  own: "#0b7a5c",
  wrong: "#c2410c",
  a: "#2563a8",
  b: "#7a9cc6",
  c: "#8a6d1f",
  d: "#b58a1a",
  e: "#8b3fa0",
  f: "#7b8792",
  g: "#b3bcc5",
};
type Palette = typeof light;

const dark: Palette = {
  card: "#171c22",
  edge: "#2e3742",
  ink: "#e6ebf0",
  soft: "#97a3b0",
  grid: "#28303a",
  own: "#3ecf9c",
  wrong: "#f0803c",
  a: "#6fa8e8",
  b: "#46688f",
  c: "#d3b04a",
  d: "#97803a",
  e: "#c78ad8",
  f: "#7f8b98",
  g: "#525d69",
};

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");
}

const rules = [
  "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:var(--ink)}",
  ".title{font-size:16px;font-weight:600}",
  ".head{font-weight:600}",
  ".soft{fill:var(--soft)}",
  ".small{font-size:11px}",
  ".own{fill:var(--own);font-weight:600}",
  ".card{fill:var(--card);stroke:var(--edge)}",
  ".grid{stroke:var(--grid);stroke-width:1}",
  ".axis{stroke:var(--soft);stroke-width:1}",
  ".bound{stroke:var(--wrong);stroke-width:1.5;stroke-dasharray:5 4}",
  ".boundtext{fill:var(--wrong)}",
];

const style = `<style>:root{${variables(light)}}@media (prefers-color-scheme:dark){:root{${variables(dark)}}}${rules.join("")}</style>`;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** For people who do not see it. */
  readonly description: string;
  readonly subtitle: string;
  readonly parts: readonly string[];
}

export function toSvg(picture: Picture): string {
  const { width, height, title, subtitle, description, parts } = picture;
  const content = [
    `<title>${escapeText(title)}</title><desc>${escapeText(description)}</desc>`,
    style,
    element("rect", { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 8, class: "card" }),
    text(24, 34, title, { look: "title" }),
    text(24, 54, subtitle, { look: "soft" }),
    ...parts,
  ].join("\n");
  const xmlns = "http://www.w3.org/2000/svg";
  const viewBox = `0 0 ${width} ${height}`;
  return `${element("svg", { xmlns, viewBox, width, height, role: "img" }, `\n${content}\n`)}\n`;
}
