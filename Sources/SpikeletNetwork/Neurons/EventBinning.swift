/// How the events of a sensor become the frames of a model: docs/events.md has the rules.
public struct EventBinning: Hashable, Sendable {
  /// What one frame holds.
  public enum Window: Hashable, Sendable {
    /// The events of so many microseconds.
    case microseconds(Int)
    /// So many events.
    case events(Int)
    /// The events of one of so many equal parts of a recording.
    case bins(Int)
  }

  /// A part of a sensor, in its columns and rows.
  public struct Area: Hashable, Sendable {
    /// The first column.
    public var left: Int
    /// The first row.
    public var top: Int
    /// The number of columns.
    public var width: Int
    /// The number of rows.
    public var height: Int

    /// Makes an area of all its values.
    public init(left: Int, top: Int, width: Int, height: Int) {
      (self.left, self.top, self.width, self.height) = (left, top, width, height)
    }
  }

  /// Columns of the sensor.
  public var sensorWidth: Int
  /// Rows of the sensor.
  public var sensorHeight: Int
  /// The part that is looked at; nil for all of it.
  public var crop: Area?
  /// So many columns and rows become one.
  public var downsample = 1
  /// Whether each polarity has a channel of its own: darker first, brighter second.
  public var hasPolarities = true
  /// So many events of a site are told apart, a channel each; 1 says whether there was any.
  public var levels = 1
  /// What one frame holds.
  public var window: Window
  /// Whether windows begin at the time 0 instead of the first event.
  public var beginsAtZero = false

  /// All of a sensor, whether there was any event of each polarity.
  public init(sensorWidth: Int, sensorHeight: Int, window: Window) {
    (self.sensorWidth, self.sensorHeight, self.window) = (sensorWidth, sensorHeight, window)
  }

  /// The part that is looked at.
  public var area: Area {
    crop ?? Area(left: 0, top: 0, width: sensorWidth, height: sensorHeight)
  }

  /// The channels of a frame.
  public var channels: Int { (hasPolarities ? 2 : 1) * levels }
  /// The rows of a frame.
  public var frameHeight: Int { area.height / downsample }
  /// The columns of a frame.
  public var frameWidth: Int { area.width / downsample }
}
