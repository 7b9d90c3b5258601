// http_contract - what docs/openapi.yaml says of an answer.
'use strict';

const { load, resolve, Shape, shapesOf } = require('./documents.cjs');

const document = load('openapi.yaml');
const METHODS = ['get', 'post', 'put', 'delete', 'patch'];

const shapeOf = (response) =>
  new Shape(document, resolve(document, response).content['application/json'].schema);

/** What the HTTP layer refuses with; `status` is undefined where it is the body's `error`. */
const refusal = { prefix: '', shape: shapeOf({ $ref: '#/components/responses/Refusal' }) };
const noSuchPath = Object.entries(document['x-no-such-path']).map(([prefix, response]) =>
  ({ prefix, status: response['x-status'], shape: shapeOf(response) }));

/** "/a/{id}" as an expression. */
const expressionOf = (path) =>
  new RegExp(`^${path.replace(/[.$]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);

const paths = Object.entries(document.paths).map(([path, item]) =>
  ({ path, item, isExact: !path.includes('{'), expression: expressionOf(path),
    isAdmin: item.servers !== undefined }));

/** { id, responses: Map of status to { headers, types: Map of type to shapes } } */
function operationOf(item, method) {
  const operation = item[method];
  const responses = new Map();
  for (const [status, ref] of Object.entries(operation.responses)) {
    const { headers = {}, content = {} } = resolve(document, ref);
    if (status === 'default') continue;
    const types = new Map(Object.entries(content).map(([type, { schema }]) =>
      [type, type === 'application/json' ? shapesOf(document, schema) : []]));
    responses.set(Number(status), { headers: Object.entries(headers), types });
  }
  return { id: operation.operationId, responses };
}

const operations = new Map();
for (const { path, item } of paths)
  for (const method of METHODS.filter((each) => each in item))
    operations.set(`${method} ${path}`, operationOf(item, method));

/** The path alone: no host, no query, one slash for several. */
const pathOf = (target) =>
  target.replace(/^https?:\/\/[^/]*/, '').split('?')[0].replace(/\/{2,}/g, '/');

/** The operation that a request is for; { isKnownPath } says whether another method would do. */
function find(method, path, isAdmin) {
  const here = paths.filter((each) => each.isAdmin === isAdmin);
  const place = here.find((each) => each.isExact && each.path === path)
    ?? here.find(({ expression }) => expression.test(path));
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  return { isKnownPath: place !== undefined, operation: operations.get(`${verb} ${place?.path}`) };
}

function parseJson(body) {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { problem: 'the body is no JSON' };
  }
}

function judgeRefusal(path, { status, type, body, isBodiless }) {
  const isUnrouted = [200, 404, 405].includes(status); /* all else is refused ahead of its route */
  const { prefix, status: fixed, shape } =
    (isUnrouted && noSuchPath.find((each) => path.startsWith(each.prefix))) || refusal;
  if (isBodiless) return { keys: [] };
  const { value, problem } = parseJson(body);
  if (problem !== undefined || type !== 'application/json')
    return { problem: problem ?? `the type is ${type}` };
  const wrong = shape.problem(value)
    ?? ((fixed ?? value.error) === status ? undefined : `error ${value.error} with the status ${status}`);
  return wrong === undefined ? { keys: [`refusal ${prefix} ${shape.codeOf(value)}`] } : { problem: wrong };
}

function judgeHeaders(declared, headers) {
  for (const [name, { required, schema }] of declared) {
    const value = headers.get(name.toLowerCase());
    if (required && value === undefined) return `no ${name}`;
    if (value !== undefined && schema.const !== undefined && value !== schema.const)
      return `${name} is ${value}`;
  }
  return undefined;
}

/** Exactly one of the shapes must fit. */
function judgeBody(prefix, shapes, body) {
  const { value, problem } = parseJson(body);
  if (problem !== undefined) return { problem };
  const problems = shapes.map((shape) => shape.problem(value));
  const fitting = shapes.filter((shape, i) => problems[i] === undefined);
  const [shape] = fitting;
  if (fitting.length === 1) return { keys: [`${shape.shared ?? prefix} ${shape.codeOf(value)}`] };
  if (fitting.length > 1) return { problem: 'more than one shape fits' };
  const code = String(value?.error ?? '-');
  const nearest = shapes.findIndex((shape) => shape.codes.includes(code));
  return { problem: problems.at(nearest < 0 && code !== '0' ? -1 : nearest) };
}

function judgeKnown({ id, responses }, answer) {
  const { status, headers, type, body, isBodiless } = answer;
  const prefix = `${id} ${status}`;
  const { headers: declared, types } = responses.get(status);
  const problem = judgeHeaders(declared, headers);
  if (problem !== undefined) return { problem };
  if (types.size === 0 || isBodiless) return { keys: types.size === 0 ? [prefix] : [] };
  const shapes = types.get(type);
  if (shapes === undefined) return { problem: `the type is ${type}` };
  return shapes.length === 0 ? { keys: [prefix] } : judgeBody(prefix, shapes, body);
}

/**
 * request: { method, target }, or undefined when it could not be read. answer: { status, headers:
 * Map, body, isBodiless }; isAdmin: on the listener for operators. { keys: what of the document was seen } or { problem }.
 */
function judge(request, answer, isAdmin) {
  const said = { ...answer, type: answer.headers.get('content-type')?.split(';')[0] };
  if (request === undefined) return judgeRefusal('', said);
  const path = pathOf(request.target);
  const { isKnownPath, operation } = find(request.method, path, isAdmin);
  const refused = judgeRefusal(isAdmin ? '' : path, said);
  if (operation?.responses.has(answer.status)) {
    const known = judgeKnown(operation, said);
    return known.problem === undefined || refused.problem !== undefined ? known : refused;
  }
  const due = operation === undefined ? (isKnownPath ? 405 : 404) : 0;
  if ([404, 405].includes(answer.status) && answer.status !== due)
    return { problem: `${answer.status} is not what docs/openapi.yaml says` };
  return refused.problem !== undefined && answer.status < 400
    ? { problem: 'docs/openapi.yaml has no such operation' } : refused;
}

/** All that can be seen, as keys of judge(). */
function everything() {
  const keys = new Set([refusal, ...noSuchPath].flatMap(({ prefix, shape }) =>
    shape.codes.map((code) => `refusal ${prefix} ${code}`)));
  for (const { id, responses } of operations.values())
    for (const [status, { types }] of responses) {
      const shapes = [...types.values()].flat();
      if (shapes.length === 0) keys.add(`${id} ${status}`);
      for (const { codes, shared } of shapes)
        for (const code of codes) keys.add(`${shared ?? `${id} ${status}`} ${code}`);
    }
  return [...keys];
}

module.exports = { judge, everything };
