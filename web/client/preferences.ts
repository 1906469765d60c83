const root = document.documentElement;
const order = ['auto', 'light', 'dark'] as const;
type Theme = (typeof order)[number];

function stored(): Theme {
  const theme = root.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

function apply(button: HTMLElement, theme: Theme): void {
  if (theme === 'auto') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  const label = `${button.dataset['label']}: ${button.dataset[theme]}`;
  button.setAttribute('aria-label', label);
  button.title = label;
}

function remember(theme: Theme): void {
  try {
    if (theme === 'auto') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

const button = document.getElementById('theme');
if (button) {
  apply(button, stored());
  button.addEventListener('click', () => {
    const next = order[(order.indexOf(stored()) + 1) % order.length] ?? 'auto';
    apply(button, next);
    remember(next);
  });
}

for (const choice of document.querySelectorAll<HTMLElement>('[data-language]')) {
  choice.addEventListener('click', () => {
    // The server picks the page by this cookie; scripts of other sites never see it.
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox ESR and over plain http
    document.cookie = `language=${choice.dataset['language']}; Path=/; Max-Age=31536000; SameSite=Strict`;
    location.reload();
  });
}

// Without an import or export TypeScript takes a file for a script that shares its names with every other.
export {};
