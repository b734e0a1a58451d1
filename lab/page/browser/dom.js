/** Elements. Text goes in as text only: hostnames and the like are whatever a client has sent. */

/** @param children elements or texts */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The same word has the same colour everywhere; the word itself says it. */
export function status(word) {
  const kind = /fail|broken|missing|error|degraded|timed out|aborted/i.test(word)
    ? "bad"
    : /^(deployed|passed|on)\b/i.test(word)
      ? "good"
      : /^(ready|allocated|reserved|new|retired|off|unknown|skipped)\b/i.test(word)
        ? "rest"
        : "busy";
  return element("span", { class: `status ${kind}` }, word);
}

export const mono = (text) => element("span", { class: "mono" }, text);

/** Each on a line of its own. */
export const lines = (texts) =>
  texts.flatMap((text, index) => (index === 0 ? [mono(text)] : [element("br"), mono(text)]));

/**
 * A table that stays the same element while its rows change, so that a reader's place and focus stay too.
 * @param columns texts @param key of a row @param cells of a row: for each column an array of elements and texts
 */
export class Table {
  constructor(caption, columns, key, cells) {
    this.columns = columns;
    this.key = key;
    this.cells = cells;
    this.rows = new Map();
    this.body = element("tbody", { role: "rowgroup" });
    const head = columns.map((column) => element("th", { scope: "col", role: "columnheader" }, column));
    // The roles stay when the style makes cards of the rows.
    this.element = element(
      "table",
      { role: "table" },
      element("caption", {}, caption),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...head)),
      this.body,
    );
  }

  /** Returns the keys of rows that changed; none the first time. */
  show(data) {
    const changed = [];
    const isFirst = this.rows.size === 0;
    const wanted = new Set(data.map(this.key));
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    data.forEach((item, index) => {
      const key = this.key(item);
      const text = JSON.stringify(item);
      let row = this.rows.get(key);
      if (row?.text !== text) {
        row ??= { element: element("tr", { role: "row" }) };
        this.#fill(row.element, item);
        row.text = text;
        this.rows.set(key, row);
        if (!isFirst) {
          changed.push(key);
          this.#flash(row.element);
        }
      }
      if (this.body.children[index] !== row.element)
        this.body.insertBefore(row.element, this.body.children[index] ?? null);
    });
    return changed;
  }

  #fill(row, item) {
    const focused = row.contains(document.activeElement);
    const cells = this.cells(item).map((content, index) =>
      index === 0
        ? element("th", { scope: "row", role: "rowheader", "data-label": this.columns[index] }, ...content)
        : element(
            "td",
            { role: "cell", "data-label": content.length > 0 ? this.columns[index] : undefined },
            ...content,
          ),
    );
    row.replaceChildren(...cells);
    if (focused) row.querySelector("a")?.focus();
  }

  #flash(row) {
    row.classList.remove("changed");
    // Read, so that the browser begins the animation anew.
    void row.offsetWidth;
    row.classList.add("changed");
  }
}
