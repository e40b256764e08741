import SpikeletSupport

/// The numbers of exit criteria, chosen on training pictures for one model.
///
/// It is kept beside the configuration, so that a build needs no data set. `spikelet calibrate`
/// writes it; it belongs to one set of weights, thresholds and timesteps.
public struct ExitCalibration: Sendable, Equatable {
  /// The `IntegerNetwork.digest` of the network that it was chosen for.
  public var networkDigest: String
  /// The name of the data set whose pictures were run.
  public var dataset: String
  /// The part of the data set, "train".
  public var split: String
  /// Pictures that the numbers were chosen on, and pictures that checked them.
  public var images: (chosenOn: Int, heldBack: Int)
  /// What a run took at most.
  public var timesteps: Int
  /// The share of pictures that may be lost against the last timestep.
  public var maximumAccuracyLoss: Double
  /// The share of right decisions after the last timestep.
  public var fullAccuracy: (chosenOn: Double, heldBack: Double)
  /// What was chosen for each criterion.
  public var criteria: [ExitCriterion: Choice]

  /// The rule of one criterion and what to expect of it.
  public struct Choice: Sendable, Equatable {
    /// The rule with its numbers; `none` where no numbers kept the accuracy.
    public var rule: ExitRule
    /// What the rule does on the pictures that it was chosen on.
    public var chosenOn: Figures
    /// What it does on pictures that were held back.
    public var heldBack: Figures

    /// Makes a choice of a rule and its figures.
    public init(rule: ExitRule, chosenOn: Figures, heldBack: Figures) {
      self.rule = rule
      self.chosenOn = chosenOn
      self.heldBack = heldBack
    }
  }

  /// What a rule does on some pictures.
  public struct Figures: Sendable, Equatable {
    /// The mean number of timesteps, 1 or more.
    public var meanTimesteps: Double
    /// Accuracy after the last timestep minus accuracy at the exit; below 0 where leaving early
    /// is better.
    public var loss: Double

    /// Makes figures of both numbers.
    public init(meanTimesteps: Double, loss: Double) {
      self.meanTimesteps = meanTimesteps
      self.loss = loss
    }
  }

  /// Makes a calibration of all its parts.
  public init(
    networkDigest: String, dataset: String, split: String, images: (chosenOn: Int, heldBack: Int),
    timesteps: Int, maximumAccuracyLoss: Double,
    fullAccuracy: (chosenOn: Double, heldBack: Double), criteria: [ExitCriterion: Choice]
  ) {
    self.networkDigest = networkDigest
    self.dataset = dataset
    self.split = split
    self.images = images
    self.timesteps = timesteps
    self.maximumAccuracyLoss = maximumAccuracyLoss
    self.fullAccuracy = fullAccuracy
    self.criteria = criteria
  }

  /// Whether both files would be the same.
  public static func == (a: ExitCalibration, b: ExitCalibration) -> Bool { a.json == b.json }
}

extension ExitCalibration {
  /// The file's contents.
  public var json: JSONValue {
    func figures(_ value: Figures) -> JSONValue {
      .object(["meanTimesteps": .number(value.meanTimesteps), "loss": .number(value.loss)])
    }
    var choices: [String: JSONValue] = [:]
    for (kind, choice) in criteria {
      choices[kind.name] = .object([
        "rule": .string("\(choice.rule)"), "chosenOn": figures(choice.chosenOn),
        "heldBack": figures(choice.heldBack),
      ])
    }
    return .object([
      "format": .integer(2), "networkSHA256": .string(networkDigest), "dataset": .string(dataset),
      "split": .string(split), "timesteps": .integer(timesteps),
      "maximumAccuracyLoss": .number(maximumAccuracyLoss),
      "chosenOn": .object([
        "images": .integer(images.chosenOn), "fullAccuracy": .number(fullAccuracy.chosenOn),
      ]),
      "heldBack": .object([
        "images": .integer(images.heldBack), "fullAccuracy": .number(fullAccuracy.heldBack),
      ]), "criteria": .object(choices),
    ])
  }

  /// Reads a file's contents.
  ///
  /// - Returns: nil where something is missing, of the wrong type, or cannot have been measured.
  public static func parse(_ json: JSONValue) -> ExitCalibration? {
    func number(_ value: JSONValue?) -> Double? {
      if case .number(let number)? = value, number.isFinite { number } else { nil }
    }
    func figures(_ value: JSONValue?) -> Figures? {
      guard let mean = number(value?["meanTimesteps"]), let loss = number(value?["loss"]),
        (1...65_535).contains(mean), (-1...1).contains(loss)
      else { return nil }
      return Figures(meanTimesteps: mean, loss: loss)
    }
    func part(_ value: JSONValue?) -> (images: Int, accuracy: Double)? {
      guard let images = number(value?["images"]).flatMap(Int.init(exactly:)),
        let accuracy = number(value?["fullAccuracy"]), (1...1_000_000_000).contains(images),
        (0...1).contains(accuracy)
      else { return nil }
      return (images, accuracy)
    }
    guard json["format"] == .integer(2), case .string(let digest)? = json["networkSHA256"],
      case .string(let dataset)? = json["dataset"], case .string(let split)? = json["split"],
      let timesteps = number(json["timesteps"]).flatMap(Int.init(exactly:)),
      let loss = number(json["maximumAccuracyLoss"]), let chosenOn = part(json["chosenOn"]),
      let heldBack = part(json["heldBack"]), case .object(let members)? = json["criteria"],
      (1...65_535).contains(timesteps), (0...1).contains(loss)
    else { return nil }
    var criteria: [ExitCriterion: Choice] = [:]
    for (name, member) in members {
      guard let kind = ExitCriterion(rawValue: name),
        case .string(let text)? = member["rule"], let rule = ExitRule(text),
        rule.criterion == kind || rule == .none,
        let a = figures(member["chosenOn"]), let b = figures(member["heldBack"])
      else { return nil }
      criteria[kind] = Choice(rule: rule, chosenOn: a, heldBack: b)
    }
    return ExitCalibration(
      networkDigest: digest, dataset: dataset, split: split,
      images: (chosenOn.images, heldBack.images), timesteps: timesteps, maximumAccuracyLoss: loss,
      fullAccuracy: (chosenOn.accuracy, heldBack.accuracy), criteria: criteria)
  }
}
