/** Lays the picture out with Graphviz (in WebAssembly: nothing to install) and writes it as SVG that any browser shows. */
import { instance } from "@viz-js/viz";
import { dotOf } from "./dot.ts";
import type { Picture } from "./picture.ts";

/** Without Arial: what has its widths, then whatever there is. */
const fonts = "Arial, &quot;Liberation Sans&quot;, Helvetica, sans-serif";

/** @throws Error with Graphviz's own words */
export async function svgOf(picture: Picture): Promise<string> {
  const graphviz = await instance();
  const result = graphviz.render(dotOf(picture), { format: "svg", engine: "dot" });
  if (result.status === "failure") {
    const words = result.errors.map(({ message }) => message).join("; ");
    throw new Error(`Graphviz cannot draw this rack: ${words}`);
  }
  return result.output
    .replaceAll('font-family="Arial"', `font-family="${fonts}"`)
    .replace(/<svg /, '<svg role="img" aria-labelledby="rack-title" ')
    .replace(/<title>rack<\/title>/, `<title id="rack-title">${xml(picture.title)}</title>`);
}

const xml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
