/**
 * Markdown as React elements, made from the lexer's tokens.
 *
 * No HTML string is ever built, so what a model or a model card says cannot become markup: raw HTML is shown as text,
 * images become links (a picture would tell its server who reads), and links lead only to the web or to a mail address.
 */
import { lexer, type Token, type Tokens } from "marked";
import { Fragment, memo, type ReactNode, useMemo } from "react";
import styles from "./markdown.module.css";

const SAFE_LINK = /^(https?:|mailto:)/i;

export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  const tokens = useMemo(() => lexer(text), [text]);
  return <div className={styles.markdown}>{all(tokens)}</div>;
});

function all(tokens: readonly Token[] | undefined): ReactNode {
  // A text only grows at its end, so the place of a token is its identity.
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return tokens?.map((token, place) => <Fragment key={place}>{one(token)}</Fragment>);
}

function one(token: Token): ReactNode {
  const block = blocks[token.type];
  if (block) return block(token);
  if ("tokens" in token && token.tokens) return all(token.tokens);
  return "text" in token ? unescaped(String(token.text)) : token.raw;
}

const blocks: Readonly<Record<string, (token: Token) => ReactNode>> = {
  space: () => null,
  def: () => null,
  br: () => <br />,
  hr: () => <hr />,
  html: (token) => token.raw,
  paragraph: (token) => <p>{inner(token)}</p>,
  heading: (token) => heading(token as Tokens.Heading),
  blockquote: (token) => <blockquote>{inner(token)}</blockquote>,
  strong: (token) => <strong>{inner(token)}</strong>,
  em: (token) => <em>{inner(token)}</em>,
  del: (token) => <del>{inner(token)}</del>,
  codespan: (token) => <code>{(token as Tokens.Codespan).text}</code>,
  code: (token) => code(token as Tokens.Code),
  escape: (token) => (token as Tokens.Escape).text,
  link: (token) => link((token as Tokens.Link).href, inner(token)),
  image: (token) => link((token as Tokens.Image).href, (token as Tokens.Image).text),
  list: (token) => list(token as Tokens.List),
  table: (token) => table(token as Tokens.Table),
};

function inner(token: Token): ReactNode {
  return "tokens" in token ? all(token.tokens) : null;
}

function heading({ depth, tokens }: Tokens.Heading): ReactNode {
  // The page has its h1 and the panel its h2.
  const Level = depth <= 1 ? "h3" : depth === 2 ? "h4" : "h5";
  return <Level>{all(tokens)}</Level>;
}

function code({ text, lang }: Tokens.Code): ReactNode {
  return (
    <pre data-language={lang || undefined}>
      <code>{text}</code>
    </pre>
  );
}

function link(href: string, children: ReactNode): ReactNode {
  if (!SAFE_LINK.test(href)) return children;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function list({ ordered, start, items }: Tokens.List): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: items never move
  const entries = items.map((item, place) => <li key={place}>{entry(item)}</li>);
  return ordered ? <ol start={start === "" ? 1 : start}>{entries}</ol> : <ul>{entries}</ul>;
}

function entry({ task, checked, tokens }: Tokens.ListItem): ReactNode {
  return (
    <>
      {task && <input type="checkbox" checked={checked ?? false} readOnly disabled />}
      {all(tokens)}
    </>
  );
}

function table({ header, rows }: Tokens.Table): ReactNode {
  const cells = (row: readonly Tokens.TableCell[], kind: "th" | "td") =>
    row.map((cell, place) => {
      // A heading without words would be read out as one.
      const Cell = cell.text === "" ? "td" : kind;
      // biome-ignore lint/suspicious/noArrayIndexKey: cells never move
      return <Cell key={place}>{all(cell.tokens)}</Cell>;
    });
  return (
    <div className={styles.scroll}>
      <table>
        {header.some((cell) => cell.text !== "") && (
          <thead>
            <tr>{cells(header, "th")}</tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
            <tr key={place}>{cells(row, "td")}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

/** The lexer leaves entities as written; React escapes by itself, so they must become characters first. */
function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
