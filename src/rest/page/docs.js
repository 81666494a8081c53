// Shows openapi.json as a page.

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** What a reference means. */
function resolved(api, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((at, step) => at[step], api);
}

function typeName(api, schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.type === "array") return `list of ${typeName(api, schema.items)}`;
  return [schema.type ?? "any"].flat().join(" or ");
}

/** The members of an object, nested ones below their own. */
function members(api, schema) {
  const list = element("dl", undefined, "members");
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const meant = resolved(api, member);
    const term = element("dt");
    term.append(element("code", name), ` ${typeName(api, member)}${schema.required?.includes(name) ? ", required" : ""}`);
    const values = meant.enum ? ` One of ${meant.enum.join(", ")}.` : "";
    const told = element("dd", (member.description ?? meant.description ?? "") + values);
    const inner = resolved(api, meant.type === "array" ? meant.items : meant);
    if (inner.properties) told.append(members(api, inner));
    list.append(term, told);
  }
  return list;
}

function content(api, title, holder) {
  const schema = holder?.content?.["application/json"]?.schema;
  if (!schema) return [];
  const meant = resolved(api, schema);
  return [element("h4", `${title}: ${typeName(api, schema)}`), element("p", meant.description ?? ""), members(api, meant)];
}

function operation(api, path, method, described) {
  const details = element("details");
  const summary = element("summary");
  summary.append(element("code", `${method.toUpperCase()} ${path}`), ` ${described.summary}`);
  details.append(summary);
  if (described.externalDocs) {
    const link = element("a", described.externalDocs.description);
    link.href = described.externalDocs.url;
    link.rel = "noreferrer";
    details.append(link);
  }
  const parameters = (described.parameters ?? []).map((p) => resolved(api, p));
  if (parameters.length) {
    const properties = Object.fromEntries(parameters.map((p) => [p.name, { ...p.schema, description: p.description }]));
    const required = parameters.filter((p) => p.required).map((p) => p.name);
    details.append(element("h4", "Parameters"), members(api, { properties, required }));
  }
  details.append(...content(api, "Request", described.requestBody));
  for (const [status, answer] of Object.entries(described.responses)) {
    const meant = resolved(api, answer);
    details.append(element("h4", `Answer ${status}`), element("p", meant.description), ...content(api, "Body", meant));
  }
  return details;
}

function show(api) {
  const sections = api.tags.map((tag) => {
    const section = element("section");
    section.append(element("h2", tag.description));
    for (const [path, methods] of Object.entries(api.paths))
      for (const [method, described] of Object.entries(methods))
        if (described.tags.includes(tag.name)) section.append(operation(api, path, method, described));
    return section;
  });
  document.getElementById("interface").replaceChildren(element("p", api.info.description), ...sections);
}

fetch("openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch((error) => document.getElementById("interface").replaceChildren(element("p", String(error))));
