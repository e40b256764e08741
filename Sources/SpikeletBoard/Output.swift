import CBoardPlatform
import SpikeletRuntime

/// One of the two standard streams. Text goes out piece by piece; nothing is put together first.
struct Output {
  private let stream: Int32

  static var standard: Output { Output(stream: 1) }
  static var error: Output { Output(stream: 2) }

  @discardableResult @inline(never)
  func put(_ text: StaticString) -> Output {
    unsafe platform_put(stream, text.utf8Start, text.utf8CodeUnitCount)
    return self
  }

  @discardableResult @inline(never)
  func put(_ text: CText) -> Output {
    unsafe text.withBytes { unsafe platform_put(stream, $0, $1) }
    return self
  }

  /// Text of a model file, without the bytes that would steer a terminal.
  @discardableResult @inline(never)
  func put(_ text: RawSpan) -> Output {
    for index in 0..<text.byteCount {
      let byte = unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      let shown = InlineArray<1, UInt8>(repeating: byte < 32 || byte == 127 ? 63 : byte)
      put(shown.span)
    }
    return self
  }

  /// Bytes that are text already.
  @discardableResult @inline(never)
  func put(_ bytes: Span<UInt8>) -> Output {
    unsafe bytes.withUnsafeBufferPointer { text in
      if let base = text.baseAddress { unsafe platform_put(stream, base, text.count) }
    }
    return self
  }

  @discardableResult @inline(never)
  func put(_ value: UInt32) -> Output {
    var digits = InlineArray<10, UInt8>(repeating: 0)
    var first = 10
    var rest = value
    repeat {
      first &-= 1
      digits[first] = 48 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    return put(digits.span.extracting(first...))
  }

  @discardableResult @inline(never)
  func put(_ value: Int32) -> Output {
    if value < 0 { put("-") }
    return put(value.magnitude)
  }

  @discardableResult @inline(never)
  func put(_ value: Int) -> Output { put(Int32(truncatingIfNeeded: value)) }

  /// A number of tenths or hundredths, with its decimals.
  @discardableResult @inline(never)
  func put(_ value: UInt32, decimals: Int) -> Output {
    let unit: UInt32 = decimals == 1 ? 10 : 100
    put(value / unit).put(".")
    if decimals == 2 { put(value % unit / 10) }
    return put(value % 10)
  }

  /// Eight hexadecimal digits, or those that the value has.
  @discardableResult @inline(never)
  func put(hex value: UInt32, isPadded: Bool = true, isUppercase: Bool = false) -> Output {
    var digits = InlineArray<8, UInt8>(repeating: 48)
    var first = isPadded ? 0 : 7
    for i in 0..<8 {
      let shift = UInt32(truncatingIfNeeded: 28 &- 4 &* i)
      let digit = UInt8(truncatingIfNeeded: (value &>> shift) & 15)
      digits[i] = digit < 10 ? 48 &+ digit : (isUppercase ? 55 : 87) &+ digit
      if digit != 0, i < first { first = i }
    }
    return put(digits.span.extracting(first...))
  }

  /// The two halves of a digest.
  @discardableResult @inline(never)
  func put(digest: (high: UInt32, low: UInt32)) -> Output {
    put(hex: digest.high).put(hex: digest.low)
  }

  @discardableResult @inline(never)
  func put(_ file: FileName) -> Output {
    if let path = file.path { put(path) } else { put("the embedded model") }
    if let member = file.member { put("/").put(member) }
    return self
  }
}

/// A C string that lives as long as the process: an argument.
@safe struct CText: @unchecked Sendable {
  let base: UnsafePointer<CChar>

  init(_ base: UnsafePointer<CChar>) { unsafe self.base = base }

  var count: Int {
    var count = 0
    while unsafe base[count] != 0 { count &+= 1 }
    return count
  }

  /// The byte at an index of at most `count`; 0 after the last.
  func byte(_ index: Int) -> UInt8 {
    precondition(index >= 0 && index <= count)
    return UInt8(bitPattern: unsafe base[index])
  }

  func withBytes(_ body: (UnsafePointer<UInt8>, Int) -> Void) {
    let count = count
    unsafe base.withMemoryRebound(to: UInt8.self, capacity: count) { unsafe body($0, count) }
  }

  static func == (text: CText, other: StaticString) -> Bool {
    text.count == other.utf8CodeUnitCount && text.hasPrefix(other)
  }

  func hasPrefix(_ other: StaticString) -> Bool {
    guard count >= other.utf8CodeUnitCount else { return false }
    for i in 0..<other.utf8CodeUnitCount where unsafe byte(i) != other.utf8Start[i] {
      return false
    }
    return true
  }

  /// The text without its first bytes, of which it has at least `length`.
  func dropping(_ length: Int) -> CText {
    precondition(length >= 0 && length <= count)
    return unsafe CText(base + length)
  }

  /// The decimal number that the text is, if it is one of at most `maximum`.
  func number(upTo maximum: UInt32) -> UInt32? {
    let count = count
    guard count >= 1, count <= 10 else { return nil }
    var value: UInt32 = 0
    for i in 0..<count {
      let digit = byte(i) &- 48
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt32(truncatingIfNeeded: digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value <= maximum ? value : nil
  }
}

/// A file as the user named it: a path, or a member of the folder at a path.
struct FileName: Sendable {
  /// Nil for the model in the executable.
  var path: CText?
  var member: StaticString?

  init(_ path: CText?, member: StaticString? = nil) {
    self.path = path
    self.member = member
  }
}
