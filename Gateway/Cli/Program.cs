using AMA.Gateway.Cli;

return await AmaCommand.RunAsync(args, Surroundings.OfThisProcess());
