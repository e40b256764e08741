/// A number of bytes or elements that cannot wrap.
///
/// Sizes of a file are words of 31 bits, and those that follow from its shapes are products and sums of
/// them. What does not fit stays too large, whatever is done with it, so that a size is looked at once,
/// where it is used: `value` is nil, and it equals no word of the file.
package struct Size: Equatable, Sendable {
  /// −1 where it is too large.
  private let word: Int32

  /// A size of the file; a negative word is no size.
  @inline(__always)
  package init(_ word: Int32) { self.word = word | (word &>> 31) }

  /// A number that a span or an array has.
  @inline(__always)
  package init(_ number: Int) {
    let word = Int32(truncatingIfNeeded: number)
    self.word = Int(word) == number ? word | (word &>> 31) : -1
  }

  package static var tooLarge: Size { Size(Int32(-1)) }

  /// The number, or nil where it does not fit 31 bits.
  @inline(__always)
  package var value: Int32? { word < 0 ? nil : word }

  @inline(never)
  package static func * (a: Size, b: Size) -> Size {
    let (product, overflow) = a.word.multipliedReportingOverflow(by: b.word)
    return a.word < 0 || b.word < 0 || overflow ? tooLarge : Size(product)
  }

  @inline(__always)
  package static func * (a: Size, b: Int32) -> Size { a * Size(b) }

  @inline(never)
  package static func + (a: Size, b: Size) -> Size {
    let (sum, overflow) = a.word.addingReportingOverflow(b.word)
    return a.word < 0 || b.word < 0 || overflow ? tooLarge : Size(sum)
  }

  /// The smallest multiple of `alignment`, a power of two, that is not smaller.
  package func aligned(to alignment: Int32) -> Size {
    guard let raised = (self + Size(alignment &- 1)).value else { return .tooLarge }
    return Size(raised & ~(alignment &- 1))
  }

  /// The larger of two; too large where either is.
  package static func maximum(_ a: Size, _ b: Size) -> Size {
    a.word < 0 || b.word < 0 ? tooLarge : Size(max(a.word, b.word))
  }

  /// Whether the file says the same.
  @inline(__always)
  package static func == (a: Size, word: Int32) -> Bool { a.word >= 0 && a.word == word }

  /// Whether it is at most `limit`.
  @inline(__always)
  package func fits(_ limit: Int32) -> Bool { word >= 0 && word <= limit }
}

/// `channels` rounded up to whole blocks of eight lanes.
package func paddedSize(_ channels: Int32) -> Size { Size(channels).aligned(to: 8) }
