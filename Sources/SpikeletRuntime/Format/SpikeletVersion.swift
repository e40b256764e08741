/// The version of Spikelet: of the runtime, the tools and the provenance of models.
///
/// The version of the model format is another number; docs/model-format.md has it.
public enum SpikeletVersion {
  /// Major, minor and patch number.
  public static var text: StaticString { "0.1.0" }
}
