import type { UseMutationResult } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { LanguageProvider } from "~/lib/i18n/context";
import { Choice } from "./choice";
import { CodeEditor } from "./code-editor";
import { Confirm } from "./confirm";
import { CopyButton, CopyIcon } from "./copy";
import { Dialog, DialogForm } from "./dialog";
import { CheckField, RangeField, SelectField, TextArea, TextField } from "./field";
import { Table } from "./table";
import { Tabs } from "./tabs";

function show(children: ReactNode) {
  render(<LanguageProvider>{children}</LanguageProvider>);
  return userEvent.setup({ delay: null });
}

describe("a dialog", () => {
  it("is named by its title, and closed by its button and by Escape", async () => {
    const closed = vi.fn();
    const user = show(
      <Dialog title="Make a key" onClose={closed}>
        words
      </Dialog>,
    );
    const dialog = screen.getByRole("dialog", { name: "Make a key" });
    await user.click(within(dialog).getByRole("button", { name: "Close" }));
    expect(closed).toHaveBeenCalledTimes(1);
    dialog.dispatchEvent(new Event("cancel"));
    expect(closed).toHaveBeenCalledTimes(2);
  });

  it("submits its form by the Enter key, without leaving the page", async () => {
    const submitted = vi.fn();
    const user = show(
      <DialogForm submit="Save" busy={false} onSubmit={submitted} onClose={vi.fn()}>
        <TextField label="Name" />
      </DialogForm>,
    );
    await user.type(screen.getByLabelText("Name"), "a{Enter}");
    expect(submitted).toHaveBeenCalledTimes(1);
  });

  it("submits nothing before it is ready, nor twice while it is busy", async () => {
    const submitted = vi.fn();
    const form = (ready: boolean, busy: boolean) => (
      <LanguageProvider>
        <DialogForm submit="Save" busy={busy} ready={ready} onSubmit={submitted} onClose={vi.fn()}>
          {null}
        </DialogForm>
      </LanguageProvider>
    );
    const { rerender } = render(form(false, false));
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
    rerender(form(true, true));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(submitted).not.toHaveBeenCalled();
  });
});

describe("a second thought", () => {
  type Change = UseMutationResult<unknown, Error, string>;
  const change = (part: Partial<Change>) => ({ isPending: false, error: null, ...part }) as Change;

  it("does what was asked, then closes", async () => {
    const closed = vi.fn();
    const mutate = vi.fn((_name: string, then?: { onSuccess?: () => void }) => then?.onSuccess?.());
    const user = show(
      <Confirm
        title="Delete a"
        submit="Delete"
        change={change({ mutate: mutate as unknown as Change["mutate"] })}
        variables="a"
        onClose={closed}
      >
        It is gone then.
      </Confirm>,
    );
    await user.click(screen.getByRole("button", { name: "Delete" }));
    expect(mutate.mock.calls[0]?.[0]).toBe("a");
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it("stays open with the words of a refusal, and does nothing when it is cancelled", async () => {
    const closed = vi.fn();
    const mutate = vi.fn();
    const refused = change({ mutate, error: new Error("it has keys; revoke them first") });
    const user = show(
      <Confirm title="Delete a" submit="Delete" change={refused} variables="a" onClose={closed}>
        It is gone then.
      </Confirm>,
    );
    expect(screen.getByRole("alert")).toHaveTextContent("revoke them first");
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(mutate).not.toHaveBeenCalled();
    expect(closed).toHaveBeenCalledTimes(1);
  });
});

describe("tabs", () => {
  const TABS = ["one", "two", "three"].map((value) => ({ value, label: value }));

  function Example() {
    const [value, setValue] = useState("one");
    return (
      <Tabs label="Parts" tabs={TABS} value={value} onChange={setValue}>
        <p>part {value}</p>
      </Tabs>
    );
  }

  it("move with the arrows, around the ends, and only one is in the order of tabs", async () => {
    const user = show(<Example />);
    await user.tab();
    expect(screen.getByRole("tab", { name: "one" })).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(screen.getByRole("tab", { name: "three" })).toHaveFocus();
    expect(screen.getByText("part three")).toBeVisible();
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(screen.getByRole("tab", { name: "two", selected: true })).toHaveFocus();
    expect(screen.getAllByRole("tab").filter((tab) => tab.tabIndex === 0)).toHaveLength(1);
  });

  it("name the panel that they show", async () => {
    const user = show(<Example />);
    await user.click(screen.getByRole("tab", { name: "two" }));
    expect(screen.getByRole("tabpanel", { name: "two" })).toHaveTextContent("part two");
  });

  it("leave other keys alone", async () => {
    const user = show(<Example />);
    await user.tab();
    await user.keyboard("x{Home}");
    expect(screen.getByRole("tab", { name: "one", selected: true })).toBeVisible();
  });
});

describe("a choice", () => {
  it("is a group of radio buttons of which one is taken", async () => {
    const chosen = vi.fn();
    const options = [
      { value: "a", label: "Alpha" },
      { value: "b", label: "b", title: "Beta" },
    ];
    const user = show(<Choice label="Which" options={options} value="a" onChange={chosen} />);
    expect(screen.getByRole("group", { name: "Which" })).toBeVisible();
    expect(screen.getByRole("radio", { name: "Alpha" })).toBeChecked();
    await user.click(screen.getByRole("radio", { name: "Beta" }));
    expect(chosen).toHaveBeenCalledWith("b");
  });
});

describe("a copy", () => {
  it("goes to the clipboard, and says that it has", async () => {
    const user = show(<CopyButton text="tl-secret" />);
    await user.click(screen.getByRole("button", { name: "Copy" }));
    expect(await screen.findByText("Copied")).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe("tl-secret");
  });

  it("is made the old way where the browser has no clipboard to give", async () => {
    const user = show(
      <Dialog title="Secret" onClose={vi.fn()}>
        <CopyIcon text="tl-secret" label="Copy the secret" />
      </Dialog>,
    );
    vi.stubGlobal("navigator", { ...navigator, clipboard: undefined, language: "en" });
    let copied = "";
    document.execCommand = vi.fn(() => {
      copied = document.querySelector<HTMLTextAreaElement>("dialog textarea")?.value ?? "";
      return true;
    });
    try {
      await user.click(screen.getByRole("button", { name: "Copy the secret" }));
      expect(await screen.findByRole("button", { name: "Copied" })).toBeVisible();
      expect(copied).toBe("tl-secret");
      expect(document.querySelector("dialog textarea")).toBeNull();
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("fields", () => {
  it("are bound to their labels, and read out with their hints", () => {
    show(
      <>
        <TextField label="Name" hint="what programs write" />
        <TextArea label="Words" />
        <SelectField label="Kind" hint="what it is">
          <option>user</option>
        </SelectField>
        <CheckField label="Sure" hint="no way back" />
      </>,
    );
    expect(screen.getByLabelText("Name")).toHaveAccessibleDescription("what programs write");
    expect(screen.getByLabelText("Words")).not.toHaveAttribute("aria-describedby");
    expect(screen.getByLabelText("Kind")).toHaveAccessibleDescription("what it is");
    expect(screen.getByRole("checkbox", { name: /Sure/ })).not.toBeChecked();
  });

  it("of a range say the number beside it", () => {
    show(<RangeField label="Share" value={30} min={0} max={100} readOnly />);
    expect(screen.getByRole("slider", { name: "Share" })).toHaveValue("30");
    expect(screen.getByText("30")).toBeVisible();
  });
});

describe("an editor of code", () => {
  it("numbers its lines, marks those at fault, and is then invalid", () => {
    show(<CodeEditor label="Document" value={"a: 1\nb\nc: 3"} onChange={vi.fn()} faults={[2]} />);
    expect(screen.getByLabelText("Document")).toBeInvalid();
    expect(document.querySelectorAll("[data-fault]")).toHaveLength(3);
    expect(document.querySelector("[data-fault=true]")).toHaveTextContent("2");
  });

  it("tells what was typed", async () => {
    const typed = vi.fn();
    const user = show(<CodeEditor label="Document" value="" onChange={typed} />);
    await user.type(screen.getByLabelText("Document"), "a");
    expect(typed).toHaveBeenCalledWith("a");
    expect(screen.getByLabelText("Document")).toBeValid();
  });
});

describe("a table", () => {
  it("has a caption, heads, and can be scrolled by keyboard", () => {
    show(
      <Table caption="Keys" head={["Name", "Cost"]} figures={[1]}>
        <tr>
          <th scope="row">a</th>
          <td>1</td>
        </tr>
      </Table>,
    );
    expect(screen.getByRole("table", { name: "Keys" })).toBeVisible();
    expect(screen.getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual(["Name", "Cost"]);
    expect(screen.getByRole("group", { name: "Keys" })).toHaveAttribute("tabindex", "0");
  });
});
