"""Everything on the page as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.one_pair.context import PairOnPage
from dashboard.shared.downloads import show_figure, show_table
from dashboard.shared.exports import result_zip
from dashboard.shared.panel import Panel
from modgap_core.results.tables import TABLES_OF_PAIR, summary_table


def _show(page: PairOnPage) -> None:
    result, after_norm = page.result, page.after_norm
    with st.expander("Downloads"):
        st.download_button("Whole result (zip)", lambda: result_zip(result), "modgap_result.zip", on_click="ignore")
        show_table("summary", lambda: summary_table(result, after_norm))
        for name in TABLES_OF_PAIR:
            if name != "summary":
                show_table(name, partial(result.table, name))
        layer = st.select_slider("Layer of the matrix figures", range(result.n_layers + 2), result.n_layers)
        show_figure("layer_curves", partial(result.plot, "layer_curves", after_norm=after_norm))
        show_figure("alignment_by_layer", partial(result.plot, "alignment_by_layer", after_norm=after_norm))
        for name in result.similarities:
            draw = partial(result.plot, "matrix", similarity=name, entry=layer)
            show_figure(f"matrix_{name}_layer_{layer}", draw)


DOWNLOADS = Panel("one_pair.downloads", "Downloads", 80, _show)
