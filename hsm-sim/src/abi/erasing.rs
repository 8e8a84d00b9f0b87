//! The module's heap: every block is erased when it is given back.
//!
//! What holds a secret erases it when it is dropped; this is for what cannot know that it does, and for other people's code: a vector that
//! grows, a number that is moved, a parser's copy. AWS-LC does the same with its own blocks, and SQLite never sees a secret in plain.

use std::alloc::{GlobalAlloc, Layout, System};

#[global_allocator]
static HEAP: Erasing = Erasing;

struct Erasing;

// SAFETY: every block is the system allocator's, of the layout that was asked for.
unsafe impl GlobalAlloc for Erasing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back a block of this size, which nobody uses any more.
        unsafe {
            block.write_bytes(0, layout.size());
            // Or the compiler would leave out what is written just before it is freed.
            zeroize::optimization_barrier(&*block);
            System.dealloc(block, layout);
        }
    }

    // `realloc` stays the trait's: a new block, a copy, and `dealloc` of the old one. The system's might move it and leave the old bytes.
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_block_that_grows_is_moved_by_us() {
        let mut grown = vec![7_u8; 100];
        grown.reserve_exact(1 << 20);
        assert_eq!(grown, [7; 100]);
    }
}
