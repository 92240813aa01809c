// What a visitor looks at (visitor.py): which shapes a page is made of, and what axe-core says of those that are new.
//
// Two elements have one shape where they mean, name, colour and show the same in the same place, whatever their words
// are: what axe-core says of one it says of the other.
({
    // Of these the value counts. Of other attributes it counts whether there is any.
    VALUES: new Set([
        "autocomplete", "colspan", "contenteditable", "dir", "disabled", "hidden", "inert", "lang", "open", "required",
        "role", "rowspan", "scope", "tabindex", "target", "type", "aria-atomic", "aria-autocomplete", "aria-busy",
        "aria-checked", "aria-current", "aria-disabled", "aria-expanded", "aria-haspopup", "aria-hidden",
        "aria-invalid", "aria-level", "aria-live", "aria-modal", "aria-multiselectable", "aria-orientation",
        "aria-pressed", "aria-readonly", "aria-required", "aria-roledescription", "aria-selected", "aria-sort",
    ]),
    // Of these it counts whether what they name is there.
    REFERENCES: new Set([
        "for", "headers", "list", "aria-activedescendant", "aria-controls", "aria-describedby", "aria-details",
        "aria-errormessage", "aria-flowto", "aria-labelledby", "aria-owns",
    ]),
    // What these hold is their name, or is what they may hold.
    HOLDERS: "a, button, caption, dl, fieldset, h1, h2, h3, h4, h5, h6, label, legend, menu, ol, summary, table,"
        + " tbody, td, tfoot, th, thead, title, tr, ul, [role]",
    // What lies within is drawn, or is the browser's own.
    LEAVES: "svg, select, script, style, template, noscript, [hidden]",

    // Every element that is shown, with its shape.
    shapes(top = document, place = `${innerWidth}`) {
        const found = [];
        const ids = new Map();
        for (const {id} of top.querySelectorAll("[id]")) ids.set(id, (ids.get(id) || 0) + 1);
        const walk = (element, above) => {
            const style = getComputedStyle(element);
            const here = this.hash([above, this.place(element, style)]);
            found.push([element, this.hash([here, this.own(element, style, ids)])]);
            if (element.matches(this.LEAVES) || !element.checkVisibility()) return;
            if (element.matches("iframe, frame")) {
                // Strangers do not show what they hold: they are new each time.
                const within = element.contentDocument;
                const held = within ? this.shapes(within, here).map(([, shape]) => shape) : [`${Math.random()}`];
                found.push(...held.map((shape) => [element, shape]));
            }
            for (const child of [...(element.shadowRoot?.children || []), ...element.children]) walk(child, here);
        };
        const {documentElement, title, body} = top;
        const root = this.hash([place, title.trim() !== "", this.attributes(documentElement, ids)]);
        found.push([documentElement, root]);
        for (const meta of top.querySelectorAll("meta[name=viewport], meta[http-equiv]"))
            found.push([meta, this.hash([root, meta.outerHTML])]);
        if (body) walk(body, root);
        return found;
    },

    // What counts for all that is within.
    place(element, style) {
        const {backgroundColor, backgroundImage, opacity, position} = style;
        return [element.tagName, [...element.classList].sort().join("."), element.getAttribute("role"), backgroundColor,
            backgroundImage === "none", opacity, position];
    },

    own(element, style, ids) {
        const {color, fontSize, fontWeight, visibility, display, overflow, textDecorationLine, textShadow} = style;
        const mine = [this.attributes(element, ids), color, fontSize, fontWeight, visibility, display,
            textDecorationLine, textShadow, element.checkVisibility()];
        mine.push([...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
        if (element.matches(this.HOLDERS))
            mine.push(element.textContent.trim() !== "", [...new Set([...element.children].map((e) => e.tagName))].sort());
        if (element.matches("svg")) mine.push(element.querySelector("title")?.textContent.trim() !== "");
        if (element.matches("input, select, textarea, button"))
            mine.push([...(element.labels || [])].some((label) => label.textContent.trim()));
        if (element.matches("a, button, input, select, textarea, summary, [tabindex], [role]")) {
            const {width, height} = element.getBoundingClientRect();
            mine.push(width < 24, height < 24);
        }
        if (/auto|scroll/.test(overflow))
            mine.push(element.scrollWidth > element.clientWidth, element.scrollHeight > element.clientHeight);
        return mine;
    },

    attributes(element, ids) {
        const told = [...element.attributes].map(({name, value}) => {
            if (name === "class" || name === "style") return "";
            if (this.VALUES.has(name)) return `${name}=${value}`;
            if (name === "id") return `id:${ids.get(value) > 1}`;
            if (this.REFERENCES.has(name)) return `${name}:${value.trim().split(/\s+/).every((id) => ids.has(id))}`;
            if (name === "href" && value.startsWith("#")) return `#:${ids.has(value.slice(1))}`;
            return `${name}:${value.trim() !== ""}`;
        });
        return told.sort().join();
    },

    // cyrb53: 53 bits are enough to tell some thousand shapes apart.
    hash(parts) {
        let [one, two] = [0xdeadbeef, 0x41c6ce57];
        for (const letter of JSON.stringify(parts)) {
            const code = letter.codePointAt(0);
            one = Math.imul(one ^ code, 2654435761);
            two = Math.imul(two ^ code, 1597334677);
        }
        one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
        two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
        return (4294967296 * (2097151 & two) + (one >>> 0)).toString(36);
    },

    // What is wrong with the elements of these shapes, or with the whole page; in words.
    async faults(rules, exceptions, shapes) {
        const isNew = new Set(shapes);
        const context = shapes === null ? document
            : {include: [...new Set(this.shapes().filter(([, shape]) => isNew.has(shape)).map(([element]) => element))]};
        const options = {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], preload: false};
        const found = await axe.run(context, options);
        const isWagtails = (rule, node) => (exceptions[rule] || []).some((selector) =>
            node.target.length === 1 && document.querySelector(node.target[0])?.closest(selector));
        const tell = (rule, node) => [
            `${rule.id}: ${rule.help}`, node.target.join(" > "), node.html.slice(0, 300),
            node.failureSummary.replaceAll("\n", " ").slice(0, 300)].join("\n    ");
        return found.violations.flatMap((rule) => rule.nodes
            .filter((node) => !isWagtails(rule.id, node)).map((node) => tell(rule, node)));
    },
})
