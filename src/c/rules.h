
   Arrays are contiguous: a batch is sample after sample, and parameters are those of `params` in Rust, layer after layer.

   Results are written before the function returns 0, which is PREFIX_OK. Otherwise it returns one of the codes below, and, unless the
   code is PREFIX_PANIC, has written nothing but the message of `load`.

   Every pointer is aligned to its type; no more is needed. It is not NULL, unless the comment of the function says that it may be, or
   no elements are behind it. Arguments may overlap each other; a result overlaps neither an argument nor another result. These are
   checked. That memory is as long as it must be is the caller's promise.

   All functions may be called by any number of threads at once, while nobody writes the arguments. Functions on one sample allocate
   nothing; but hvp, and chains with many thousand values between their layers, need memory that the first call of a thread allocates
   and the thread keeps. So do functions on batches, which share their work among threads if there is much of it.
