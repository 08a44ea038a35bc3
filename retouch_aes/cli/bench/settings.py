"""Options that several benchmarks share, in the order of their help texts."""

from retouch_aes.cli import options

reports = options.together(options.json, options.markdown, options.overwrite)
search = options.together(
    options.model, options.prior, options.device, options.operators, options.steps, options.seed, options.side
)
