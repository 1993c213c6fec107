"""CSV bytes -> records -> checked rows -> batches. Knows neither HTTP nor SQL; `load` is the way in."""
