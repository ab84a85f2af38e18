/* The length of an input. */
size_t PREFIX_input_len(void);

/* The length of an output. */
size_t PREFIX_output_len(void);

/* The number of parameters. */
size_t PREFIX_param_count(void);

/* The fingerprint of the chain. If it is not UPPER_FINGERPRINT, the header is of another chain, and no other function may be called. */
uint64_t PREFIX_fingerprint(void);

/* The text of a code, in static memory. */
const char *PREFIX_message(int32_t code);
