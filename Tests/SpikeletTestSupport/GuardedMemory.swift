import Foundation

/// Memory between pages that nobody may touch: an access beside it ends the process.
///
/// The bytes in use lie against the page behind them or against the one before, as the caller chooses.
package final class GuardedMemory {
  private let mapping: UnsafeMutableRawPointer
  private let capacity: Int
  private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// - Parameter capacity: the most bytes in use; pages that are never touched take no memory.
  package init(capacity: Int) {
    self.capacity = (capacity + Self.page - 1) / Self.page * Self.page
    let size = self.capacity + 2 * Self.page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | Self.noReserve
    guard let mapping = mmap(nil, size, PROT_NONE, flags, -1, 0), mapping != MAP_FAILED,
      mprotect(mapping + Self.page, self.capacity, PROT_READ | PROT_WRITE) == 0
    else { fatalError("the system has no \(size) bytes of address space") }
    self.mapping = mapping
  }

  deinit { munmap(mapping, capacity + 2 * Self.page) }

  /// `count` bytes at one of the two guard pages.
  ///
  /// - Parameter alignment: of the first byte. At the end, as many bytes as it takes remain between
  ///   the last byte and the page: none where `count` is a multiple.
  package func bytes(
    _ count: Int, atEnd: Bool, alignment: Int = 1
  ) -> UnsafeMutableRawBufferPointer {
    precondition(count <= capacity)
    let offset = atEnd ? (capacity - count) & ~(alignment - 1) : 0
    return .init(start: mapping + Self.page + offset, count: count)
  }

  /// Gives the pages back to the system; the bytes are 0 then.
  package func forget() { madvise(mapping + Self.page, capacity, MADV_DONTNEED) }

  #if os(Linux)
    private static let noReserve = Int32(MAP_NORESERVE)
  #else
    private static let noReserve: Int32 = 0
  #endif
}

/// Says what was running when the process is ended by a fault or a trap: each thread notes it before.
package enum FaultReport {
  private nonisolated(unsafe) static let notes = {
    let notes = UnsafeMutablePointer<Int>.allocate(capacity: slots * 3)
    notes.initialize(repeating: -1, count: slots * 3)
    return notes
  }()
  private static let slots = 8

  /// Notes three numbers that name a mutant, in the slot of a thread.
  package static func note(_ slot: Int, _ a: Int, _ b: Int, _ c: Int) {
    (notes[slot * 3], notes[slot * 3 + 1], notes[slot * 3 + 2]) = (a, b, c)
  }

  /// Prints the notes before the process ends by one of these signals.
  package static func install() { installation }

  private static let installation: Void = {
    _ = notes
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT] {
      signal(number) { number in
        FaultReport.print()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }()

  /// Nothing in here allocates: a signal may come at any time.
  private static func print() {
    put("\nFAULT while these mutants ran:")
    for slot in 0..<slots where notes[slot * 3] >= 0 {
      put(" [")
      for i in 0..<3 {
        var shift = 60
        while shift >= 0 {
          var digit = UInt8(truncatingIfNeeded: notes[slot * 3 + i] >> shift & 15)
          digit += digit < 10 ? 48 : 87
          write(2, &digit, 1)
          shift -= 4
        }
        put(i < 2 ? " " : "]")
      }
    }
    put("\n")
  }

  private static func put(_ text: StaticString) { write(2, text.utf8Start, text.utf8CodeUnitCount) }
}
