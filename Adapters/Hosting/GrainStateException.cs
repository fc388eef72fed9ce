using Orleans;

namespace AMA.Adapters.Hosting;

/// <summary>
/// A grain's state could not be read, so the grain is not there now. Readable by every Orleans client.
/// </summary>
[GenerateSerializer, Alias("ama.hosting.grain-state-exception")]
public sealed class GrainStateException(string message) : Exception(message);
