/// The extent of one activation map: channels × rows × columns, without a batch dimension.
///
/// A vector, such as the output of a dense layer, is a map of one row and one column.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// The number of maps.
  public var channels: Int
  /// The rows of a map.
  public var height: Int
  /// The columns of a map.
  public var width: Int

  /// Makes a shape; without rows and columns, that of a vector.
  public init(channels: Int, height: Int = 1, width: Int = 1) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The number of values in the map.
  public var count: Int { channels * height * width }

  /// "channels×rows×columns", or the channels alone of a vector.
  public var description: String {
    height == 1 && width == 1 ? "\(channels)" : "\(channels)×\(height)×\(width)"
  }
}

/// A sliding window over rows and columns: how convolutions and pools visit their input.
///
/// The output extent is `(input + padding − kernel) / stride + 1`, rounded down.
public struct Window: Hashable, Sendable {
  /// The rows of the window.
  public var kernelHeight: Int
  /// The columns of the window.
  public var kernelWidth: Int
  /// The rows from one position to the next.
  public var strideHeight: Int
  /// The columns from one position to the next.
  public var strideWidth: Int
  /// Rows and columns of zeros around the input.
  public var padding: Padding

  /// Rows and columns of zeros around the input.
  public struct Padding: Hashable, Sendable {
    /// Rows above the input.
    public var top: Int
    /// Columns before the input.
    public var left: Int
    /// Rows below the input.
    public var bottom: Int
    /// Columns after the input.
    public var right: Int

    /// Makes a padding; without arguments, none.
    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }

    /// Whether there is no padding at all.
    public var isEmpty: Bool { self == Padding() }
  }

  /// Makes a window; by default it moves by one and has no padding.
  public init(
    kernelHeight: Int, kernelWidth: Int, strideHeight: Int = 1, strideWidth: Int = 1,
    padding: Padding = Padding()
  ) {
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padding = padding
  }

  /// The number of positions in the window.
  public var area: Int { kernelHeight * kernelWidth }

  /// The rows and columns of the output, or nil when the window does not fit the padded input.
  public func outputExtent(height: Int, width: Int) -> (height: Int, width: Int)? {
    let rows = height + padding.top + padding.bottom - kernelHeight
    let columns = width + padding.left + padding.right - kernelWidth
    guard rows >= 0, columns >= 0 else { return nil }
    return (rows / strideHeight + 1, columns / strideWidth + 1)
  }
}
