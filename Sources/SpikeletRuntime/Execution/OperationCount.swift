/// A 64-bit count of synaptic operations, kept as two words.
///
/// 32-bit Arm has no allocation-free conversion to 64-bit integers in Embedded Swift; two words and
/// a carry cost the same everywhere.
public struct OperationCount: BitwiseCopyable, Equatable, Sendable {
  /// The lower 32 bits.
  public private(set) var low: UInt32 = 0
  /// The upper 32 bits.
  public private(set) var high: UInt32 = 0

  /// No operations yet.
  public init() {}

  @inline(__always)
  mutating func add(_ operations: Int) {
    let (sum, carry) = low.addingReportingOverflow(UInt32(truncatingIfNeeded: operations))
    low = sum
    if carry { high &+= 1 }
  }

  #if !SPIKELET_WITHOUT_THREADS
    /// Adds what another thread has counted.
    mutating func add(_ other: OperationCount) {
      add(Int(truncatingIfNeeded: other.low))
      high &+= other.high
    }
  #endif
}

#if !hasFeature(Embedded)
  extension OperationCount {
    /// The count as one number, for hosts.
    public var value: UInt64 { UInt64(high) << 32 | UInt64(low) }
  }
#endif
