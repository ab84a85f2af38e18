/* The text of a code: static memory. */
const char *PREFIX_message(int32_t code);
