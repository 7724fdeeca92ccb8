import type { CallArgument, Expr, Identifier, MomentExpr, Program, RangeExpr, RecordEntry, Statement } from './ast.ts';
import { quote } from './string-text.ts';

/** A node as a line and what stands indented below it. */
interface Node {
  readonly line: string;
  readonly below: readonly Node[];
}

/** The syntax tree as indented text, one node a line, without places. */
export function printTree(program: Program): string {
  const lines: string[] = [];
  const todo = program.statements.map((s) => ({ node: statementNode(s), depth: 0 })).reverse();
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, depth } = next;
    lines.push(`${'  '.repeat(depth)}${node.line}`);
    for (const below of [...node.below].reverse()) todo.push({ node: below, depth: depth + 1 });
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const node = (line: string, below: readonly Node[] = []): Node => ({ line, below });
const names = (list: readonly Identifier[]): string => list.map((n) => n.name).join(', ');

function statementNode(statement: Statement): Node {
  const doc = statement.doc === undefined ? [] : [node(`doc ${quote(statement.doc)}`)];
  const { line, below } = plainStatement(statement);
  return node(line, [...doc, ...below]);
}

function plainStatement(statement: Statement): Node {
  switch (statement.kind) {
    case 'import': {
      const list = statement.names.map((n) => (n.as ? `${n.imported.name} as ${n.as.name}` : n.imported.name));
      return node(`import ${list.join(', ')} from ${quote(statement.from.value)}`);
    }
    case 'extern': {
      const { what, name, from, range } = statement;
      return node(`extern ${what} ${name.name} from ${quote(from.value)}`, rangeNodes(range));
    }
    case 'param':
      return node(`param ${statement.name.name}`, [exprNode(statement.value), ...rangeNodes(statement.range)]);
    case 'context':
      return node(`context ${statement.name.name}`, [exprNode(statement.values)]);
    case 'binding': {
      const { name, parameters, value } = statement;
      const header = parameters === undefined ? name.name : `${name.name}(${names(parameters)})`;
      return node(`binding ${header}`, [exprNode(value)]);
    }
    case 'property': {
      const { title, forall, body } = statement;
      const domain = forall?.in === undefined ? [] : [node('in', [exprNode(forall.in)])];
      const quantified = forall === undefined ? [] : [node(`forall ${names(forall.names)}`, domain)];
      return node(`property ${quote(title.value)}`, [...quantified, exprNode(body)]);
    }
    default:
      return statement satisfies never;
  }
}

function rangeNodes(range: RangeExpr | undefined): readonly Node[] {
  if (range === undefined) return [];
  const ends = `${range.loOpen ? 'open' : 'closed'}, ${range.hiOpen ? 'open' : 'closed'}`;
  return [node(`range ${ends}`, [exprNode(range.lo), exprNode(range.hi)])];
}

function exprNode(expr: Expr): Node {
  switch (expr.kind) {
    case 'number':
      return node(`number ${expr.text}`);
    case 'string':
      return node(`string ${quote(expr.value)}`);
    case 'boolean':
      return node(`boolean ${expr.value}`);
    case 'name':
      return node(`name ${expr.name}`);
    case 'call':
      return node('call', [exprNode(expr.callee), ...expr.args.map(argumentNode)]);
    case 'list':
      return node('list', expr.items.map(exprNode));
    case 'record':
      return node('record', expr.entries.map(entryNode));
    case 'negate':
    case 'not':
      return node(expr.kind, [exprNode(expr.operand)]);
    case 'binary':
      return node(`binary ${expr.op}`, [exprNode(expr.left), exprNode(expr.right)]);
    case 'comparison':
      return node(`comparison ${expr.ops.join(' ')}`, expr.operands.map(exprNode));
    case 'if':
      return node('if', [exprNode(expr.condition), exprNode(expr.then), exprNode(expr.else)]);
    case 'given':
      return node('given', expr.parts.map(exprNode));
    case 'subjectTo':
      return node('subject to', [exprNode(expr.base), ...expr.moments.map(momentNode)]);
    case 'group':
      return node('group', [exprNode(expr.inner)]);
    case 'missing':
      return node('missing');
    default:
      return expr satisfies never;
  }
}

function argumentNode({ name, value }: CallArgument): Node {
  return name === undefined ? exprNode(value) : node(`argument ${name.name}`, [exprNode(value)]);
}

function entryNode({ key, value }: RecordEntry): Node {
  return node(`entry ${quote(key)}`, [exprNode(value)]);
}

function momentNode({ functional, of, relation, value }: MomentExpr): Node {
  return node(`moment ${functional} ${relation}`, [exprNode(of), exprNode(value)]);
}
