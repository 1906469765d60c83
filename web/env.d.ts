declare namespace App {
  interface Locals {
    panel: import('./server/systemApi.ts').PanelApi;
  }
}
