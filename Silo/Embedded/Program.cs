using AMA.Silo.Embedded;

return await EmbeddedProgram.RunAsync(args, Console.Out, Console.Error);
