/* The bar below a list says what was selected by its name (“2 cases selected”), where Wagtail would say snippets. */
(() => {
  const bar = document.querySelector("[data-bulk-action-footer][data-one]");
  if (!bar) return;
  const { bulkActionFooter, one, many } = bar.dataset;
  window.wagtailConfig.STRINGS.BULK_ACTIONS[bulkActionFooter] = {
    SINGULAR: `1 ${one} selected`,
    PLURAL: `%(objects)s ${many} selected`,
    ALL: `All %(objects)s ${many} on this page selected`,
  };
})();
