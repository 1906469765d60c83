type Child = Node | string | null | undefined;

/** Makes an element; `null` attributes and children are left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | null>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flatMap((child) => child ?? []));
  return element;
}

/** Writes only what differs: a text that is written again is read out again, and loses the selection. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page lacks #${id}`);
  return element;
}

export function part(root: ParentNode, selector: string): HTMLElement {
  const element = root.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`the page lacks ${selector}`);
  return element;
}

/** aria-disabled keeps the focus where it is, which `disabled` does not. */
export function setDisabled(button: HTMLElement, disabled: boolean): void {
  button.setAttribute('aria-disabled', String(disabled));
}

export function isDisabled(button: HTMLElement): boolean {
  return button.getAttribute('aria-disabled') === 'true';
}

export function setLamp(lamp: Element, icon: string, tone: string): void {
  lamp.firstElementChild?.setAttribute('href', `#icon-${icon}`);
  lamp.setAttribute('data-tone', tone);
}
