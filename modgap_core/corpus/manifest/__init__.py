"""From a CSV, JSONL, Parquet file or folder to the items of a corpus."""
